//! 编造的名字 / Invented names: people, firms, streets.
//!
//! 名字由音节拼成，与任何真实的人或者企业无关；街道和城市也是编造的。

use super::rng::Rng;

const SURNAMES: [&str; 48] = [
    "晏", "濮", "尉", "穆", "楚", "祁", "臧", "邬", "阚", "鄢", "逄", "苌", "郗", "阮", "戚", "柯",
    "卞", "盛", "梅", "喻", "简", "桑", "葛", "路", "施", "童", "颜", "柏", "窦", "章", "云", "苗",
    "凤", "花", "俞", "任", "袁", "柳", "鲍", "史", "岑", "薛", "雷", "倪", "滕", "殷", "毕", "郝",
];
const GIVEN: [&str; 40] = [
    "昀", "澍", "棠", "岫", "珩", "霁", "瑭", "峤", "芃", "旻", "筱", "翊", "湉", "禾", "榕", "铄",
    "砚", "沅", "渌", "垚", "一", "之", "若", "景", "书", "怀", "明", "知", "予", "安", "令", "维",
    "守", "望", "柏", "舟", "野", "川", "南", "北",
];
const BRAND: [&str; 20] = [
    "沅", "砚", "棠", "岫", "珩", "渌", "霁", "昀", "瑭", "峤", "澍", "芃", "旻", "筱", "翊", "湉",
    "垚", "禾", "榕", "铄",
];
/// Brands of the stories, so that no ordinary firm looks related by name.
const RESERVED: [&str; 25] = [
    "霁岫", "筱湉", "砚渌", "瑭垚", "垚禾", "禾瑭", "渌芃", "渌湉", "榕垚", "铄禾", "翊峤", "棠昀",
    "旻铄", "昀棠", "珩昀", "湉榕", "峤澍", "岫芃", "芃珩", "澍铄", "霁翊", "垚铄", "禾岫", "芃旻",
    "沅筱",
];
/// Trades: industry code (GB/T 4754), the word in a firm's name, and how often.
pub const TRADES: [(&str, &str); 16] = [
    ("5190", "商贸"),
    ("6210", "餐饮管理"),
    ("4790", "建筑工程"),
    ("1499", "食品"),
    ("6510", "信息科技"),
    ("7212", "企业管理"),
    ("9011", "文化娱乐"),
    ("7010", "置业"),
    ("0119", "农业发展"),
    ("2614", "化工"),
    ("5251", "大药房"),
    ("5430", "运输"),
    ("7291", "旅行社"),
    ("5277", "医疗器械"),
    ("3311", "金属制品"),
    ("4920", "机电安装"),
];
const STREETS: [&str; 10] = [
    "望溪路",
    "砚山街",
    "听松巷",
    "临渠大道",
    "观澜路",
    "霁月街",
    "石桥巷",
    "东篱路",
    "竹溪大道",
    "云岫街",
];

/// Makes names that do not repeat.
pub struct Names {
    brands: usize,
    people: std::collections::BTreeSet<String>,
}

impl Names {
    /// No names given out yet.
    pub fn new() -> Self {
        Self {
            brands: 0,
            people: std::collections::BTreeSet::new(),
        }
    }

    /// A person's name, not given out before.
    pub fn person(&mut self, rng: &mut Rng) -> String {
        loop {
            let (a, b, c) = (rng.pick(&SURNAMES), rng.pick(&GIVEN), rng.pick(&GIVEN));
            let name = if rng.chance(150) {
                format!("{a}{b}")
            } else {
                format!("{a}{b}{c}")
            };
            if b != c && self.people.insert(name.clone()) {
                return name;
            }
        }
    }

    /// A two-syllable brand; the first 356 differ from each other.
    pub fn brand(&mut self) -> String {
        loop {
            let n = self.brands;
            self.brands += 1;
            let (a, b) = (BRAND[n % 20], BRAND[(n / 20 + n * 7) % 20]);
            let brand = format!("{a}{b}");
            if a != b && !RESERVED.contains(&brand.as_str()) {
                return brand;
            }
        }
    }
}

/// An invented address.
pub fn address(rng: &mut Rng) -> String {
    format!("云溪市{}{}号", rng.pick(&STREETS), rng.between(1, 388))
}
