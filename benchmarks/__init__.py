"""Figures of cost, taken side by side on this machine. They are printed and never fail anything."""
