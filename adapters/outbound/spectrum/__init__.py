"""Spectrum over SOAP: zeep builds and parses, aiohttp sends, and every answer becomes one of four outcomes."""
