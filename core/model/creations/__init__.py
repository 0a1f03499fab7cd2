"""New sites and customers in Spectrum, made from ServiceTrade's records after somebody confirmed every field."""
