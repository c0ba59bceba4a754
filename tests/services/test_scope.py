"""One expression a model says which rows an actor may see."""

from __future__ import annotations

import pytest

from tepei_admin.errors import NotFound
from tepei_admin.models import Quota, StatusChange, Track, Trainee, Unit, User
from tepei_admin.schema import all_models
from tepei_admin.services import scope


def test_a_clerk_sees_the_own_unit_whatever_the_way_to_it(house):
    mine, theirs = house.trainee(), house.trainee(unit="150700")
    for person in (mine, theirs):
        house.do("reject", person, reason="x")
    clerk = house.actor("clerk", unit="150400")
    assert [row.id for row in scope.visible(clerk, Trainee)] == [mine.id]
    assert {row.trainee_id for row in scope.visible(clerk, StatusChange)} == {mine.id}
    assert {row.unit.code for row in scope.visible(clerk, Quota)} == {"150400"}
    assert [row.code for row in scope.visible(clerk, Unit)] == ["150400"]
    assert scope.visible(clerk, Track).count() == 2
    assert scope.visible(clerk, User).count() == 0


def test_everybody_else_sees_all(house):
    house.trainee(), house.trainee(unit="150700")
    for role in ("viewer", "operator", "approver", "admin"):
        assert scope.visible(house.actor(role), Trainee).count() == 2


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__name__)
def test_every_models_scope_and_year_can_be_asked(house, model):
    clerk = house.actor("clerk", unit="150400")
    assert scope.visible(clerk, model).count() >= 0
    if model.panel.year:
        assert model.select().where(scope.along(model, model.panel.year, 1)).count() >= 0


@pytest.mark.parametrize(
    "number", ["", "abc", "-1", "0", "²", "1e3", "99999999999999999999", None, "1 OR 1=1", "\x00"]
)
def test_anything_that_is_no_number_is_not_found(house, number):
    with pytest.raises(NotFound):
        scope.get(house.cli, Trainee, number)
