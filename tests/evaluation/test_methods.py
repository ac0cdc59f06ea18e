"""The ways of evaluation: forms that trades derive from them, and a title for whatever a person sees of them."""
from __future__ import annotations

from tests.evaluation.case_files import case_file
from tests.evaluation.test_evaluation_messages import CATALOGUE, GENERAL, every
from trading_core.domain.evaluation.formulas import PRICE_FORMULAS
from trading_core.domain.evaluation.methods import METHODS, SETTLERS
from trading_core.domain.evaluation.rules import FIELDS, check_rules, fields_for

COMPARISON = case_file("SEL-4")["rules"]


def test_a_form_has_only_what_its_methods_state() -> None:
    form = {f.name: f for f in fields_for("price_selection", "comparison")}
    assert form["method"].choices == ("price_selection", "comparison")
    assert form["price"].fields[0].choices == ("E-F5",)
    assert "adjustments" not in form and "small_business" not in form and not form["price"].required
    assert fields_for("comparison")[3].required  # the price: every comparison scores it


def test_what_a_form_lets_pass_its_method_may_still_need() -> None:
    rules = {k: v for k, v in COMPARISON.items() if k != "price"}
    assert [(p.code, p.path) for p in check_rules(rules)] == [("field.required", "price")]
    assert {f.name for f in FIELDS} >= set(rules)


def test_methods_formulas_and_what_settles_ties_have_titles() -> None:
    for way in METHODS.values():
        assert CATALOGUE.has(f"choice.method.{way.id}") and CATALOGUE.has(f"method.{way.id}"), way.id
        assert all(CATALOGUE.has(f"settled.{name}") for name in (*way.ties, *way.tie_rules)), way.id
    assert all(CATALOGUE.has(f"formula.{name}") for name in PRICE_FORMULAS)
    assert all(CATALOGUE.has(f"settled.{name}") for name in (*SETTLERS, "higher_discount"))


def test_every_field_and_choice_of_the_rules_has_a_title() -> None:
    for f in every(FIELDS):
        assert f.name in GENERAL or CATALOGUE.has(f"field.{f.name}"), f.name
        for choice in f.choices:
            assert CATALOGUE.has(f"choice.{f.name}.{choice}") or CATALOGUE.has(f"choice.{choice}") or choice.isdigit(), (f.name, choice)


def test_every_rule_that_a_document_may_add_for_ties_has_a_title() -> None:
    assert all(CATALOGUE.has(f"choice.tie_rules.{name}") for way in METHODS.values() for name in way.tie_rules)


def test_what_a_method_may_state_is_a_field() -> None:
    names = {f.name for f in FIELDS}
    assert all({*way.needs, *way.may} <= names and not set(way.needs) & set(way.may) for way in METHODS.values())
    assert all(any(way.states(name) for way in METHODS.values()) for name in names)
