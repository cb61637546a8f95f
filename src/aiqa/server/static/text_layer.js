// Fits the words that lie unseen over the picture of a page to the width that they have there.
const TextLayer = {
  fit(source) {
    const words = source.querySelectorAll(".page-text > span");
    if (!words.length) return;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = "100px sans-serif";
    for (const word of words) {
      const wide = pen.measureText(word.textContent.trimEnd()).width / 100;
      const [width, height] = ["--w", "--h"].map((name) => +word.style.getPropertyValue(name));
      if (wide && height) word.style.setProperty("--stretch", (width / (wide * height)).toFixed(3));
    }
  },
};
