"""Cipher suites and the sealed envelope.

`suites` is the plug point (international and 国密), `container` the sealed file, `bundle` what lies inside it, `trustees` the
one-time keys that open it, `keyfile` where a trustee keeps the master secret. The formats are written down in docs/formats-sealed.md;
the browser's half is web/static/seal.js.
"""
