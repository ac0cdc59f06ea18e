"""The rules of the trades. Imports the standard library only; no clock, no randomness, no I/O."""
