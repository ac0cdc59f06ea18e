"""Playing whole trades through the real API with a clock that is moved by hand. Which trade, and with what, its plugin says."""
