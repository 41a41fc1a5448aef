"""Bitgoeul (빛고을): an AI academy in a box."""

__version__ = "0.1.0"
