"""The site: pages, JSON API and live streams. Thin: read the input, give one command or read one view, present it."""
