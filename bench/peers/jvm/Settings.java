import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** The arguments, {@code name=value} each. */
final class Settings {
  private final Map<String, String> values;

  Settings(String[] args) {
    values = Arrays.stream(args).map(arg -> arg.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) throw new IllegalArgumentException("the argument " + name + "=... is missing");
    return value;
  }

  long number(String name) {
    return Long.parseLong(text(name));
  }

  boolean is(String name, String value) {
    return value.equals(values.get(name));
  }
}
