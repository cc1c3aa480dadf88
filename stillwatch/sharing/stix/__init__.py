"""Campaigns as STIX 2.1 objects: plain dictionaries, whose ids say what they are made of."""
