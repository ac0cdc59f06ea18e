"""Evaluation of bids: pure, exact, the same to the last digit wherever it is run again [02 §2.5, §2.7].

Inside, numbers are exact fractions; a value is rounded only where the tender document says so, and then once. `case.evaluate`
does a whole case; the other modules hold one step each and can be used alone.
"""
