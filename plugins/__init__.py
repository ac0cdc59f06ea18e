"""What differs between trades and between places: each plugin knows only the hookspecs and the core."""
