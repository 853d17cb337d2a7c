/** Everyday sentences that ask for nothing: what a change is to leave alone. Used where a person gives no neutral text. */
export const neutralText: readonly string[] = [
  "The train from the coast was late again this morning, so most of us walked to the office along the river.",
  "In spring the garden fills with tulips, and the old cat sleeps on the warm stones by the kitchen door.",
  "A bridge of stone crosses the river in the middle of the town. It was built more than two hundred years ago.",
  "My sister plays the violin in a small orchestra. They practise every Monday in the school.",
  "Water boils at one hundred degrees, and ice melts as soon as the air is warm enough.",
  "The library is open from nine to six. On Saturdays it closes at noon.",
  "He put the letters into a box, closed the lid, and wrote the name of the street on it.",
  "The capital of France is Paris. The people of France speak French.",
  "Two boys were playing chess under the big tree while their father read the newspaper.",
  "The market sells bread, cheese, apples and honey, and on Fridays there is fresh fish.",
  "After the storm the sky was clear, and from the tower one could see the mountains.",
  "The first chapter tells how the captain lost his ship; the second is about the island.",
  "She cleaned the lamp, changed the bulb and put it back on the table in the hall.",
  "A good map shows the roads, the rivers and the names of the villages.",
  "The museum has a room with clocks from many countries. Some of them still run.",
  "In winter the days are short, and the lake behind the house is covered with ice.",
];
