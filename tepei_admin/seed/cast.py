"""Invented people, from a fixed seed: names of the kinds found there, valid numbers that belong to nobody we know."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stdnum.cn import ric

from tepei_admin.seed import lists

Person = dict[str, Any]

MONGOL_MEN = [
    "巴特尔",
    "阿拉坦",
    "朝鲁",
    "格日勒图",
    "布和",
    "宝音",
    "呼格吉勒",
    "吉日木图",
    "额尔敦",
    "苏和",
    "那顺",
    "特木尔",
    "哈斯巴根",
    "毕力格",
    "敖其尔",
    "孟和",
    "青格勒",
    "达来",
    "巴雅尔",
    "牧仁",
    "铁木尔布和",
    "阿古拉",
    "白乙拉",
    "满都拉",
    "道尔吉",
]
MONGOL_WOMEN = [
    "乌兰托雅",
    "那仁高娃",
    "斯琴",
    "其其格",
    "苏日娜",
    "萨仁",
    "娜仁",
    "孟根花",
    "阿荣",
    "塔娜",
    "德力根",
    "乌云",
    "通拉嘎",
    "萨仁其其格",
    "斯日古楞",
    "高娃",
    "乌日娜",
    "托娅",
    "哈斯其木格",
    "金花",
    "查娜",
    "敖登",
    "阿拉腾花",
    "海棠",
    "娜布其",
]
MEN = ["文博", "志强", "国栋", "海峰", "立新", "建军", "晓东", "伟", "成林", "宏宇", "振华", "凯"]
WOMEN = ["雅茹", "丽华", "晓燕", "淑琴", "静", "秀英", "海英", "敏", "雪梅", "玉兰", "红霞", "欣"]


@dataclass(frozen=True)
class Group:
    """How people of one ethnic group are called. `weight`: how often they come."""

    code: str
    weight: int
    families: Sequence[str]
    men: Sequence[str]
    women: Sequence[str]
    dotted: bool = False


GROUPS = (
    Group("02", 40, ("",), MONGOL_MEN, MONGOL_WOMEN),
    Group("02", 14, ("白", "包", "何", "佟", "韩", "齐", "吴"), MONGOL_MEN[:12], MONGOL_WOMEN[:12]),
    Group("02", 4, ("乌力吉", "阿拉坦", "孛儿只斤"), MONGOL_MEN[12:], MONGOL_WOMEN[12:], dotted=True),
    Group("11", 12, ("关", "赵", "佟", "那", "富", "金"), MEN, WOMEN),
    Group("03", 7, ("马", "丁", "白", "哈", "沙"), MEN, WOMEN),
    Group("31", 9, ("敖", "孟", "鄂", "郭", "沃", "莫"), MEN, WOMEN),
    Group("45", 5, ("杜", "涂", "何", "那"), MEN, WOMEN),
    Group("45", 2, ("杜拉尔", "涂格敦"), MONGOL_MEN[:8], MONGOL_WOMEN[:8], dotted=True),
    Group("10", 4, ("朴", "金", "崔", "李"), ("成浩", "哲洙", "永男"), ("美善", "英爱", "贞淑")),
    Group("52", 2, ("孟", "关", "葛", "白"), MEN, WOMEN),
    Group("06", 1, ("杨", "吴"), MEN, WOMEN),
)


@dataclass(frozen=True)
class Profession:
    """A line of work: its titles of the associate-senior and the middle level, who employs, what is to be learnt."""

    name: str
    senior: str
    middle: str
    employers: Sequence[str]
    majors: Sequence[str]
    schools: Sequence[str]


PROFESSIONS = (
    Profession("教育", "副教授", "讲师", ("职业学院", "师范学院", "蒙古族中学"),
               ("课程与教学论", "学前教育", "蒙古语言文学"), ("内蒙古师范大学", "内蒙古民族大学", "东北师范大学")),
    Profession("卫生", "副主任医师", "主治医师", ("人民医院", "蒙医医院", "妇幼保健院"),
               ("心血管内科", "儿科学", "蒙医学", "重症医学"), ("内蒙古医科大学", "中国医科大学", "首都医科大学")),
    Profession("农牧业", "高级农艺师", "农艺师", ("农牧业科学研究所", "农牧业技术推广中心"),
               ("草业科学", "作物栽培", "土壤改良"), ("内蒙古农业大学", "中国农业大学")),
    Profession("兽医", "高级兽医师", "兽医师", ("动物疫病预防控制中心", "家畜改良工作站"),
               ("预防兽医学", "动物遗传育种"), ("内蒙古农业大学", "东北农业大学")),
    Profession("工程", "高级工程师", "工程师", ("水利勘测设计院", "地质矿产勘查院", "电业局"),
               ("水文地质", "新能源发电", "环境工程"), ("内蒙古工业大学", "中国矿业大学")),
    Profession("信息技术", "高级工程师", "工程师", ("大数据发展管理局信息中心", "信息中心"),
               ("数据工程", "蒙古文信息处理", "人工智能应用"), ("内蒙古大学", "大连理工大学")),
    Profession("文化", "副研究馆员", "馆员", ("图书馆", "博物馆", "文化馆"),
               ("文物保护", "古籍修复"), ("内蒙古大学", "中央民族大学")),
)  # fmt: skip


def id_number(region: str, born: dt.date, serial: int) -> str:
    """A valid number; the serial is odd for men."""
    body = f"{region}{born:%Y%m%d}{serial:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


class Cast:
    """People, one after the other. `first` keeps the serials of several casts apart."""

    def __init__(self, seed: int, *, year: int = 2019, first: int = 100) -> None:
        self.dice, self.year, self.serial = random.Random(seed), year, first
        self.counties = _counties()
        self.places = {row["code"]: row["name"] for row in lists.regions()}

    def person(self, place: str, *, inside: bool) -> Person:
        """Somebody of a reporting place who fits the track's conditions in every respect."""
        dice = self.dice
        work = dice.choice(PROFESSIONS)
        male = dice.random() < 0.45
        group = dice.choices(GROUPS, [group.weight for group in GROUPS])[0]
        county = dice.choice(self.counties[place])
        born = self.day(self.year - (dice.randint(28, 34) if inside else dice.randint(34, 44)))
        master = not inside and dice.random() < 0.6
        began = self.year - (dice.randint(6, 8) if inside else dice.randint(9, 13))
        self.serial += 1
        number = id_number(county, born, self.serial * 2 % 998 + (1 if male else 0))
        return {
            "name": self.name(group, male),
            "sex": "1" if male else "2",
            "ethnicity": group.code,
            "birth_date": born.isoformat(),
            "id_number": number,
            "political_status": dice.choice(("01", "13", "13", "03")),
            "education": "14" if master else "21",
            "degree": "3" if master else "4",
            "school": dice.choice(work.schools),
            "major": work.majors[0],
            "work_start": f"{began}-07",
            "profession": work.name,
            "profession_start": f"{began}-{dice.choice(('07', '08', '09'))}",
            "title": work.middle if inside else work.senior,
            "title_level": "420" if inside else "412",
            "title_date": f"{self.year - dice.randint(1, 3)}-12",
            "employer": f"{self.places[county]}{dice.choice(work.employers)}",
            "training_major": dice.choice(work.majors),
            "mobile": f"1{dice.choice((38, 39, 50, 86))}{dice.randint(0, 99_999_999):08d}",
            "bank_name": dice.choice(("中国农业银行", "内蒙古银行", "中国建设银行")),
            "bank_account": f"6228{dice.randint(0, 10**15 - 1):015d}",
        } | {"county": county, "region": self._league(place)}

    def day(self, year: int) -> dt.date:
        """Some day of a year's spring, before the reference date: the age is plainly that of the year."""
        return dt.date(year, 1, 1) + dt.timedelta(days=self.dice.randint(0, 80))

    def name(self, group: Group, male: bool) -> str:
        given = self.dice.choice(group.men if male else group.women)
        return self.dice.choice(group.families) + ("·" if group.dotted else "") + given

    def _league(self, place: str) -> str:
        return place[:4] + "00" if place[4:] != "00" else place


def _counties() -> dict[str, list[str]]:
    """The banners and counties of each reporting place; a city that reports for itself is its own."""
    found: dict[str, list[str]] = {place: [] for place in lists.PLACES}
    for row in lists.regions():
        if row["code"] in found and row["reports_separately"]:
            found[row["code"]].append(row["code"])
        elif row["parent_code"] in found:
            found[row["parent_code"]].append(row["code"])
    return found
