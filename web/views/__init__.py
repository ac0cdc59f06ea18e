"""Pages: read the input, take one look, present. One noun per file; addresses are in `web.routes`."""
