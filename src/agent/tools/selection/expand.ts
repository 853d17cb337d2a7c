import { stem, words } from "./words";

/**
 * Words that tools and goals use for the same thing, in English and Chinese: general words of computing and daily life,
 * each group a line. A query's word brings the others of its group with a part of its weight.
 */
const groups = `
search find query lookup retrieve 搜索 查询 检索 查找
get fetch obtain read retrieve 获取 读取
list show enumerate 列出 列表
create make generate new build produce 创建 生成 新建 制作
write save store 写入 保存
delete remove erase drop 删除 移除
update modify edit change 更新 修改 编辑
send post publish 发送 发布
download export 下载 导出
upload import 上传 导入
convert transform translate 转换 翻译
compare comparison difference diff 比较 对比
calculate compute math arithmetic evaluate 计算 数学
count number total statistics statistic 统计 数量
summarize summary overview 总结 摘要 概述
analyze analysis examine inspect 分析
recommend suggest advice 推荐 建议
plan itinerary schedule 计划 规划 行程
image picture photo figure 图片 图像 照片
chart plot graph diagram visualization visualize 图表 绘图 可视化
table spreadsheet excel sheet 表格 电子表格
document word docx file 文档 文件
pdf report 报告
presentation slide powerpoint ppt 演示 幻灯片
folder directory path 目录 文件夹
text string content 文本 内容
audio sound music song 音频 音乐 歌曲
video movie film clip 视频 电影 影片
page website web site url 网页 网站
news headline article story 新闻 文章 热点
trend trending hot popular ranking rank 热搜 热门 榜单 排行
weather forecast temperature climate 天气 预报 气温
map location place position 地图 地点 位置
route direction navigation drive distance 路线 导航 距离
address geocode coordinate latitude longitude 地址 坐标 经纬度
nearby around surrounding 附近 周边
hotel accommodation stay lodging airbnb 酒店 住宿
flight airline airport plane 航班 机场 飞机
train railway ticket 火车 高铁 车票 车次
car parking vehicle 停车 汽车
restaurant food meal dish recipe cook 餐厅 菜谱 食谱 美食 做法
stock share equity ticker 股票 股价
price cost quote 价格 报价
finance financial company income revenue earning 财务 公司 收入
money currency exchange rate 汇率 货币
crypto bitcoin coin token 加密 比特币
paper research publication journal arxiv 论文 研究 期刊
author scholar researcher 作者 学者
book library 书籍 图书
code program script source 代码 程序 脚本
repository repo git github commit 仓库
database sql table record 数据库
dataset data 数据 数据集
model ai machine learning 模型
run execute command shell terminal 运行 执行 命令
test check verify validate 测试 检查 验证
error problem issue bug 错误 问题
user account profile person 用户 账户
message chat email mail 消息 邮件 聊天
calendar event date meeting appointment 日历 事件 日期 会议
time clock timezone hour 时间 时区
game player match score 游戏 玩家 比赛
team sport league 球队 体育
medical health disease drug medicine 医疗 健康 疾病 药品
gene protein biology 基因 蛋白
law legal regulation 法律 法规
patent trademark 专利
job career salary 工作 职位 薪资
school university education course 学校 大学 教育 课程
house property real estate 房产 房价
product shop shopping buy purchase 商品 购物 购买
review comment rating opinion 评论 评价 评分
language english chinese 语言 英语 中文
country city province region 国家 城市 省份
color colour 颜色
size width height dimension 尺寸 大小
first begin start 开始
end finish stop 结束
wikipedia encyclopedia 百科
social media weibo douyin tiktok twitter reddit 微博 抖音 社交
keyword tag topic 关键词 标签 话题
memory note remember 记忆 笔记
`;

const neighbours = new Map<string, Map<string, number>>();
for (const line of groups.trim().split("\n")) {
  const members = line
    .split(" ")
    .map((word) => (words(word).length > 1 ? words(word) : [/^[a-z]/.test(word) ? stem(word) : word]));
  for (const from of members) {
    const key = from.join(" ");
    const known = neighbours.get(key) ?? new Map<string, number>();
    for (const to of members)
      if (to !== from) for (const word of to) known.set(word, Math.max(known.get(word) ?? 0, 1 / to.length));
    neighbours.set(key, known);
  }
}

/** The query with the words of its words' groups, at `share` of their weight. */
export function expanded(query: ReadonlyMap<string, number>, share: number): Map<string, number> {
  const out = new Map(query);
  const list = [...query.keys()];
  const add = (key: string, weight: number): void => {
    for (const [word, part] of neighbours.get(key) ?? []) {
      if (!query.has(word)) out.set(word, Math.max(out.get(word) ?? 0, weight * share * part));
    }
  };
  for (const [word, weight] of query) add(word, weight);
  // Chinese words of three and more characters are known by their pairs.
  for (let i = 0; i + 1 < list.length; i++) add(`${list[i]} ${list[i + 1]}`, 1);
  return out;
}
