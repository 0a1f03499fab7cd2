"""Make sites and customers in Spectrum from ServiceTrade's records, each after somebody confirmed every field."""
