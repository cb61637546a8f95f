// What this browser keeps of settings, and what it hands over: downloads and copies.
const Keep = {
  read(name, otherwise) {
    const text = localStorage.getItem(`aiqa.${name}`);
    if (text === null) return otherwise;
    try {
      const value = JSON.parse(text);
      const isAlike = value !== null && typeof value === "object" && Array.isArray(value) === Array.isArray(otherwise);
      if (isAlike) return value;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    // Somebody else's writing: it is of no use, and would be in the way for ever.
    this.remove(name);
    return otherwise;
  },

  // False where the browser has no room left.
  write(name, value) {
    try {
      localStorage.setItem(`aiqa.${name}`, JSON.stringify(value));
      return true;
    } catch (error) {
      if (error.name === "QuotaExceededError") return false;
      throw error;
    }
  },

  remove(name) {
    localStorage.removeItem(`aiqa.${name}`);
  },

  download(name, type, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  },

  async copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Pages not from this machine have no clipboard unless they are encrypted.
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  },
};
