import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Talks with the bench, one JSON object a line. Every call but {@link #result} waits for an answer: the bench looks at
 * the clock and at the CPU of all processes in between, so that only what lies between start and stop is measured.
 */
final class Meter {
  /** Engines may put something else in the place of System.out, and print what they like to it. */
  private static final PrintStream OUT = System.out;
  private static final BlockingQueue<String> ANSWERS = new LinkedBlockingQueue<>();

  static {
    Thread reader = new Thread(() -> {
      try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) ANSWERS.add(line);
      } catch (java.io.IOException gone) {
        // As good as the end.
      }
      // The bench is gone: nobody wants the results.
      Runtime.getRuntime().halt(1);
    }, "meter");
    reader.setDaemon(true);
    reader.start();
  }

  private Meter() {}

  /** Measured work begins, or goes on. */
  static void start() throws InterruptedException {
    ask("start");
  }

  /** Measured work pauses, or ends. */
  static void stop() throws InterruptedException {
    ask("stop");
  }

  /** A round has ended; {@code json} is what it computed. */
  static void result(String json) {
    say("{\"event\":\"result\",\"result\":" + json + "}");
  }

  static void ask(String event) throws InterruptedException {
    say("{\"event\":\"" + event + "\"}");
    ANSWERS.take();
  }

  private static synchronized void say(String json) {
    OUT.println("@peer " + json);
    OUT.flush();
  }
}
