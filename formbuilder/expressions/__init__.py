"""The typed expression language of forms: conditions, rules, routing, fees and calculated items. No Django here.

kinds < ops < nodes < typecheck, evaluate, formula (what editors type), wording (what people read); cycles stands alone.
The browser's twin of `evaluate` is static/formbuilder/js/expressions.js.
"""
