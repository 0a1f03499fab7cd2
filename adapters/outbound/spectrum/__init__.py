"""Spectrum over SOAP: requests as zeep builds them, aiohttp sends, and every answer becomes one of four outcomes."""
