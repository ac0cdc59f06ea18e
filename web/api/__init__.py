"""The JSON API under ``/api/v1``: every act of every trade type, the log, the proofs. Derived from declarations, described by itself."""
