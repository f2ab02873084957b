"""Which plan an asset, a product, a class of customers or everybody is promised without a contract (SLA 13).

Pure rules: no database, no time of day.
"""
