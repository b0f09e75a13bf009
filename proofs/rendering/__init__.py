"""What a published packet becomes: sheets in words, PDFs, seals."""
