"""What things cost, by a list of prices: one model for what is wanted and what is there.

pricelist    a region's prices: shipped, or written by `prices refresh`
items        a resource → what is paid for
bill         that and a list → a bill
estimate     a plan → the bills before and after it; what exists → its bill
suggestions  how it would be less
products     AWS's answer of products → a list of prices
"""

from autodeploy.provisioner.pricing.bill import monthly
from autodeploy.provisioner.pricing.estimate import cost_change, cost_of, kept, refuse_dear
from autodeploy.provisioner.pricing.pricelist import PriceList, price_list, write
from autodeploy.provisioner.pricing.products import fetched
from autodeploy.provisioner.pricing.suggestions import suggestions

__all__ = [
    "PriceList",
    "cost_change",
    "cost_of",
    "fetched",
    "kept",
    "monthly",
    "price_list",
    "refuse_dear",
    "suggestions",
    "write",
]
