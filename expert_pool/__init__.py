"""Evaluation experts: recruit, review, train, assess, draw, rate, remove."""
