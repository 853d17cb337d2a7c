// Gives change with as few coins as possible.
const coins = [200, 100, 50, 20, 10, 5, 2, 1];

function change(cents) {
  const given = [];
  for (const coin of coins) {
    while (cents >= coin) {
      given.push(coin);
      cents -= coin;
    }
  }
  return given;
}

console.log(change(387));
