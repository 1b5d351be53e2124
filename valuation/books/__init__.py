"""Books: what accounting charges, carries and writes down, asset by asset and ledger by ledger."""
