// Conversations that the server keeps for whoever is signed in.
class ServerHistory {
  list(text) {
    return this.send("GET", `?${new URLSearchParams({ text })}`);
  }

  turns(id, start, most) {
    return this.send("GET", `/${id}?${new URLSearchParams({ most, ...(start === null ? {} : { start }) })}`);
  }

  add(id, record) {
    return this.send("POST", `/${id}`, record);
  }

  rename(id, name) {
    return this.send("PUT", `/${id}/name`, { name });
  }

  // Deletes all without an id.
  delete(id) {
    return this.send("DELETE", id ? `/${id}` : "");
  }

  async send(method, path, content) {
    const body = content && JSON.stringify(content);
    const answer = await fetch(`history${path}`, { method, body, headers: { "Content-Type": "application/json" } }).catch(() => {
      throw new Error(t("The server cannot be reached."));
    });
    if (answer.status === 401) throw new Error(t("Sign in first."));
    if (answer.status === 429) {
      const seconds = +answer.headers.get("Retry-After");
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return this.send(method, path, content);
    }
    if (!answer.ok) throw new Error(await answer.text());
    return answer.status === 204 ? null : answer.json();
  }
}
