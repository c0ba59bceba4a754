"""Sentences: a unit's outlook for places (一（二）, 四（二）)."""

MESSAGES = {
    "outlook.unallocated": "名额尚未分配，暂不能推荐；{waiting}",
    "outlook.places": "名额 {places}，已占 {taken}，尚余 {left}；{waiting}，至多 {find} 人可推荐",
    "outlook.eligible": "符合条件待推荐 {count} 人",
    "outlook.new": "，本表新增 {count} 人",
}
