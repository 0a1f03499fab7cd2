"""Spectrum over SOAP: zeep builds and parses, aiohttp carries, and every answer ends as one of four outcomes."""
