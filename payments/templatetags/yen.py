"""Amounts as people read them."""

from django import template

register = template.Library()


@register.filter
def yen(amount: int) -> str:
    """1,000円"""
    return f"{amount:,}円"
