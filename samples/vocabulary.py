"""Hold the words that the sample is drawn from: courses, names of people, names of rooms."""  # noqa: INP001

from __future__ import annotations

from dataclasses import dataclass

ANYONE, MORNING, AFTERNOON, EVENING, WEEKEND = "any", "morning", "afternoon", "evening", "weekend"
RETIRED = (MORNING, MORNING, AFTERNOON)
WORKING = (EVENING, EVENING, WEEKEND)
FAMILY = (EVENING, WEEKEND, WEEKEND)
ALL = (MORNING, AFTERNOON, EVENING, WEEKEND, ANYONE)


@dataclass(frozen=True)
class Course:
    """What a community may order. `bands` are the times of the week that fit those who come."""

    title: str
    topic: str
    function: str
    audience: str
    bands: tuple[str, ...]
    form: str = "class"
    equipment: str = ""
    minors: bool = False
    assistants: int = 0
    durations: tuple[int, ...] = (60, 90, 90, 120)
    learners: tuple[int, ...] = (10, 12, 15, 20, 20, 25, 30)
    weight: int = 2


LECTURE = (20, 25, 30, 40)
SMALL = (8, 10, 12, 15)

COURSES = (
    # ---- Civic life
    Course("防诈骗讲座", "防诈骗", "civic", "older_people", RETIRED, learners=LECTURE, durations=(60, 90), weight=5),
    Course("反诈情景剧工作坊", "防诈骗", "civic", "everyone", ALL, form="workshop"),
    Course("民法典进社区", "法律常识", "civic", "everyone", ALL, equipment="投影仪", learners=LECTURE),
    Course("劳动合同与工资维权", "法律常识", "civic", "migrant_workers", WORKING, durations=(60, 90)),
    Course("社区议事会怎么开", "社区议事", "civic", "everyone", ALL, form="workshop"),
    Course("居家消防与燃气安全", "安全应急", "civic", "everyone", ALL, equipment="投影仪", durations=(60, 90)),
    Course(
        "少年法律小课堂", "法律常识", "civic", "youth_after_school", FAMILY, minors=True, assistants=1, durations=(60,)
    ),
    Course("老街记忆口述史沙龙", "地方文史", "civic", "older_people", RETIRED, form="reading_salon"),
    Course("走读荣昌老城", "地方文史", "civic", "everyone", (WEEKEND,), form="study_tour", durations=(120,)),
    # ---- Arts
    Course("书法（楷书入门）", "书法", "arts", "older_people", RETIRED, weight=5),
    Course("少儿软笔书法", "书法", "arts", "youth_after_school", FAMILY, minors=True, assistants=1),
    Course("社区合唱团", "合唱", "arts", "older_people", RETIRED, equipment="钢琴", learners=LECTURE, weight=4),
    Course("国画花鸟", "国画", "arts", "everyone", ALL, equipment="水池", learners=SMALL),
    Course("民族舞基训", "舞蹈", "arts", "older_people", RETIRED, equipment="镜墙", weight=3),
    Course("荣昌陶手作", "陶艺", "arts", "everyone", ALL, form="workshop", equipment="工具台", learners=SMALL),
    Course("夏布折扇制作", "传统手工", "arts", "everyone", ALL, form="workshop", equipment="工具台", learners=SMALL),
    Course("剪纸与年画", "传统手工", "arts", "people_with_disabilities", RETIRED, form="workshop", learners=SMALL),
    Course("社区才艺展演排练", "合唱", "arts", "everyone", (EVENING, WEEKEND), form="talent_show", learners=LECTURE),
    # ---- Science
    Course("智能手机课堂", "智能手机", "science", "older_people", RETIRED, assistants=1, learners=SMALL, weight=8),
    Course("手机就医与出行", "智能手机", "science", "older_people", RETIRED, equipment="投影仪", weight=4),
    Course("趣味科学实验", "科学实验", "science", "youth_after_school", FAMILY, equipment="实验台", minors=True,
           assistants=1, learners=SMALL),
    Course("图形化编程启蒙", "编程", "science", "youth_after_school", FAMILY, equipment="电脑", minors=True,
           assistants=1, learners=SMALL),
    Course("人工智能日常应用", "人工智能", "science", "everyone", WORKING, equipment="电脑"),
    Course("星空与天文科普", "天文", "science", "everyone", (EVENING, WEEKEND), equipment="投影仪", learners=LECTURE),
    Course("科普场馆研学", "科学实验", "science", "youth_after_school", (WEEKEND,), form="study_tour", minors=True,
           assistants=1, durations=(120,)),
    # ---- Health
    Course("中医养生讲座", "中医养生", "health", "older_people", RETIRED, learners=LECTURE, weight=6),
    Course("八段锦晨练", "八段锦", "health", "older_people", (MORNING,), equipment="瑜伽垫", durations=(60,), weight=4),
    Course("心肺复苏与急救", "急救", "health", "everyone", ALL, form="workshop", equipment="瑜伽垫"),
    Course("高血压自我管理", "慢病管理", "health", "older_people", RETIRED, equipment="投影仪", durations=(60, 90)),
    Course("减压与睡眠", "心理健康", "health", "migrant_workers", WORKING, durations=(60, 90)),
    Course("家庭照护者互助", "心理健康", "health", "people_with_disabilities", RETIRED, form="workshop",
           learners=SMALL),
    Course("健康饮食一周菜谱", "膳食营养", "health", "everyone", ALL, equipment="灶台", learners=SMALL),
    # ---- Leisure
    Course("社区读书会", "阅读", "leisure", "everyone", ALL, form="reading_salon", weight=4),
    Course("银龄诗词沙龙", "阅读", "leisure", "older_people", RETIRED, form="reading_salon", learners=SMALL),
    Course("手机摄影", "摄影", "leisure", "older_people", RETIRED, weight=3),
    Course("川菜家常课", "烹饪", "leisure", "everyone", ALL, form="workshop", equipment="灶台", learners=SMALL),
    Course("茶艺入门", "茶艺", "leisure", "everyone", ALL, equipment="水池", learners=SMALL),
    Course("阳台园艺", "园艺", "leisure", "older_people", RETIRED, form="workshop", learners=SMALL),
    Course("象棋与围棋", "棋艺", "leisure", "everyone", ALL, learners=SMALL),
    Course("二胡与民乐", "民乐", "leisure", "older_people", RETIRED, learners=SMALL),
    # ---- Vocational
    Course("电商直播入门", "电商直播", "vocational", "job_seekers", (AFTERNOON, EVENING), equipment="电脑", weight=4),
    Course("农产品直播带货", "电商直播", "vocational", "farmers", (EVENING, AFTERNOON), weight=3),
    Course("办公软件基础", "办公软件", "vocational", "job_seekers", ALL, equipment="电脑", weight=3),
    Course("家政与养老护理", "家政护理", "vocational", "job_seekers", ALL, learners=SMALL),
    Course("面点师基础", "面点", "vocational", "job_seekers", ALL, form="workshop", equipment="灶台", learners=SMALL),
    Course("生猪健康养殖", "种养技术", "vocational", "farmers", (MORNING, EVENING), equipment="投影仪", weight=3),
    Course("果树冬季修剪", "种养技术", "vocational", "farmers", (MORNING, AFTERNOON), learners=LECTURE),
    Course("简历与面试", "求职", "vocational", "job_seekers", ALL, form="workshop"),
    Course("技能提升线上课", "办公软件", "vocational", "migrant_workers", (EVENING,), form="remote", equipment="电脑",
           durations=(60, 90)),
    Course("低压电工常识", "电工", "vocational", "migrant_workers", WORKING, equipment="工具台", learners=SMALL),
    # ---- Early years
    Course("亲子绘本阅读", "亲子阅读", "early_years", "everyone", FAMILY, form="reading_salon", minors=True,
           assistants=1, durations=(60,), learners=SMALL, weight=5),
    Course("亲子手工坊", "亲子手工", "early_years", "everyone", (WEEKEND,), form="workshop", minors=True, assistants=1,
           durations=(60, 90), learners=SMALL),
    Course("宝宝音乐律动", "早教游戏", "early_years", "everyone", (WEEKEND,), equipment="钢琴", minors=True,
           assistants=1, durations=(60,), learners=SMALL),
    Course("隔代养育课堂", "育儿", "early_years", "older_people", RETIRED, weight=3),
    Course("新手父母育儿线上讲座", "育儿", "early_years", "everyone", (EVENING,), form="remote", durations=(60,),
           learners=LECTURE),
    # ---- Sport
    Course("太极拳入门", "太极拳", "sport", "older_people", (MORNING, MORNING, WEEKEND), durations=(60, 90), weight=7),
    Course("广场舞提高班", "舞蹈", "sport", "everyone", (EVENING, MORNING), equipment="镜墙", learners=LECTURE,
           weight=3),
    Course("瑜伽与拉伸", "瑜伽", "sport", "everyone", WORKING, equipment="瑜伽垫", learners=SMALL),
    Course("少儿体适能", "体适能", "sport", "youth_after_school", FAMILY, equipment="瑜伽垫", minors=True,
           assistants=1, durations=(60, 90)),
    Course("轮椅太极", "太极拳", "sport", "people_with_disabilities", RETIRED, durations=(60,), learners=SMALL),
    Course("社区运动才艺赛", "体适能", "sport", "everyone", (WEEKEND,), form="talent_show", learners=LECTURE,
           durations=(120,)),
)  # fmt: skip

TOPICS = {  # Chinese name: code and English name
    "防诈骗": ("fraud_prevention", "Fraud prevention"),
    "法律常识": ("everyday_law", "Everyday law"),
    "社区议事": ("neighbourhood_council", "Neighbourhood council"),
    "安全应急": ("home_safety", "Home safety"),
    "地方文史": ("local_history", "Local history"),
    "书法": ("calligraphy", "Calligraphy"),
    "合唱": ("choir", "Choir"),
    "国画": ("ink_painting", "Ink painting"),
    "舞蹈": ("dance", "Dance"),
    "陶艺": ("pottery", "Pottery"),
    "传统手工": ("folk_crafts", "Folk crafts"),
    "智能手机": ("smartphones", "Smartphones"),
    "科学实验": ("experiments", "Experiments"),
    "编程": ("coding", "Coding"),
    "人工智能": ("everyday_ai", "Everyday AI"),
    "天文": ("astronomy", "Astronomy"),
    "中医养生": ("chinese_medicine", "Chinese medicine"),
    "八段锦": ("baduanjin", "Baduanjin"),
    "急救": ("first_aid", "First aid"),
    "慢病管理": ("chronic_illness", "Living with illness"),
    "心理健康": ("mental_health", "Mental health"),
    "膳食营养": ("nutrition", "Nutrition"),
    "阅读": ("reading", "Reading"),
    "摄影": ("photography", "Photography"),
    "烹饪": ("cooking", "Cooking"),
    "茶艺": ("tea", "Tea"),
    "园艺": ("gardening", "Gardening"),
    "棋艺": ("board_games", "Chess and Go"),
    "民乐": ("folk_music", "Folk music"),
    "电商直播": ("live_selling", "Selling by live stream"),
    "办公软件": ("office_software", "Office software"),
    "家政护理": ("home_care", "Home care"),
    "面点": ("pastry", "Pastry"),
    "种养技术": ("farming", "Farming"),
    "求职": ("job_search", "Finding work"),
    "电工": ("electrics", "Electrics"),
    "亲子阅读": ("family_reading", "Reading with children"),
    "亲子手工": ("family_crafts", "Crafts with children"),
    "早教游戏": ("play_groups", "Play groups"),
    "育儿": ("parenting", "Parenting"),
    "太极拳": ("tai_chi", "Tai chi"),
    "瑜伽": ("yoga", "Yoga"),
    "体适能": ("fitness", "Fitness"),
}

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁罗郑谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪"
    "陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严赖覃洪武莫孔"
)
ELDER_NAMES = [
    "国强",
    "建国",
    "建华",
    "桂兰",
    "桂英",
    "秀英",
    "秀兰",
    "玉兰",
    "玉珍",
    "淑芬",
    "淑华",
    "德明",
    "德福",
    "永福",
    "志明",
    "光荣",
    "正华",
    "素珍",
    "素芳",
    "碧华",
    "文清",
    "长春",
    "学文",
    "世昌",
    "忠良",
    "明珍",
    "昌容",
    "大全",
    "兴碧",
    "朝贵",
    "天秀",
    "祥云",
    "在明",
    "开秀",
    "仕华",
]
YOUNG_NAMES = [
    "欣怡",
    "梓涵",
    "雨桐",
    "浩然",
    "子轩",
    "思远",
    "佳琪",
    "俊杰",
    "雅静",
    "宇航",
    "诗雨",
    "晨曦",
    "嘉豪",
    "若曦",
    "一鸣",
    "静怡",
    "天宇",
    "文博",
    "心语",
    "睿",
    "婷",
    "磊",
    "鑫",
    "倩",
    "凯",
    "悦",
    "洋",
    "航",
    "颖",
    "晓东",
    "晓燕",
    "海燕",
    "丽娟",
    "春梅",
    "小龙",
    "永鑫",
    "家豪",
]
