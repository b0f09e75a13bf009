"""How it runs: environment, settings, addresses, jobs, embedded servers."""
