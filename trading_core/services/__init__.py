"""What the platform does: each module owns the verbs of one noun, takes ports and a transaction, and never commits."""
