"""贫困县名单, 专业技术职务名称: lists that people are looked up in by a code or a name, not by a foreign key."""

from __future__ import annotations

from tepei_admin.models import PovertyCounty, Region, TitleName, Trainee
from tepei_admin.schema import Record
from tepei_admin.views.resource import ResourceView


class TitleNameView(ResourceView):
    def leaves_behind(self, row: Record) -> str:
        assert isinstance(row, TitleName)
        count = Trainee.select().where(Trainee.title == row.name).count()
        return (
            f"有 {count} 名学员的专业技术职务是“{row.name}”，已登记的级别和资格结果不变；"
            f"以后导入的表中写“{row.name}”，将不能认出级别。"
        )


class PovertyCountyView(ResourceView):
    def leaves_behind(self, row: Record) -> str:
        assert isinstance(row, PovertyCounty)
        county = Region.select(Region.id).where(Region.code == row.code)
        count = Trainee.select().where(Trainee.county.in_(county)).count()
        return (
            f"有 {count} 名学员来自该旗县，资格结果不变；删除后，各年度排列名次时都不再优先。"
            "退出名单的旗县请填写“退出日期”，不要删除。"
        )
