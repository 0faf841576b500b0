import { createSocket, type Socket } from "node:dgram";
import type * as packets from "dns-packet";
import type { Resolution } from "./resolve";

/** Answers one question by name and type. */
export type Answerer = (name: string, type: string) => Promise<Resolution>;

/** A DNS server on loopback, by UDP, that knows what `answer` knows and asks nobody else. */
export class NameServer {
  private readonly socket: Socket = createSocket("udp4");
  private isListening = false;

  constructor(private readonly answer: Answerer) {
    this.socket.on("message", (message, sender) => {
      this.reply(message).then(
        (reply) => {
          if (reply) this.socket.send(reply, sender.port, sender.address);
        },
        // What can't be answered is left without an answer, as by a server that fails.
        () => undefined,
      );
    });
  }

  /** @throws Error when the port is taken. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once("error", reject);
      this.socket.bind(port, "127.0.0.1", () => {
        this.socket.off("error", reject);
        // A question is no reason for a process to live on.
        this.socket.unref();
        this.isListening = true;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    if (!this.isListening) return Promise.resolve();
    return new Promise((resolve) => this.socket.close(resolve));
  }

  private async reply(message: Buffer): Promise<Buffer | undefined> {
    const dns: typeof packets = await import("dns-packet");
    const query = dns.decode(message);
    const [question] = query.questions ?? [];
    if (query.type !== "query" || !question) return undefined;
    const found = await this.answer(question.name, question.type);
    return dns.encode({
      type: "response",
      id: query.id ?? 0,
      flags: dns.AUTHORITATIVE_ANSWER | (found ? 0 : NAME_ERROR),
      questions: [question],
      answers: [...(found ?? [])],
    });
  }
}

/** Response code "the name doesn't exist". Source: RFC 1035 §4.1.1. */
const NAME_ERROR = 3;
