"""The contract of Mixtape: rules that a backend in any language keeps or breaks, tested over HTTP.

By hand: ``pytest mixtape/contract --base-url http://127.0.0.1:8000``.
From a program: :func:`mixtape.contract.runner.run`.
"""
