package dev.cresset;

import dev.cresset.ScriptTokens.Kind;
import dev.cresset.ScriptTokens.Token;
import java.util.Optional;

/**
 * Looks through one source file of a saved module for what a model may not call that nobody vouches for.
 *
 * <p>By names, not by types, and so before anything is compiled: LibTorch runs parameters' defaults while it does that. A name
 * leads outside in three ways only, {@code torch.name}, {@code ops.namespace.name} and {@code __torch__.torch.classes}; of other
 * values, {@code x.name} is an operator only where one of its parameters is called {@code self}, which none of the refused has.
 * Where one of the three words does not go on to a name at once, what it means could get another name first ({@code t = torch},
 * {@code getattr(torch, "save")}): that is refused, too, and LibTorch writes none of it.
 *
 * <p>Used by one thread.
 */
final class ScriptSearch {

    private static final String OPERATORS = "torch";
    private static final String NAMESPACES = "ops";
    private static final String TYPES = "__torch__";

    /** In any namespace of operators, that of PyTorch's own. */
    private static final String PYTORCHS_OWN = "autograd";

    private final String file;
    private final ScriptTokens tokens;
    private String type = "";
    private int typeColumn;
    private String method = "";

    private ScriptSearch(String file, String source) {
        this.file = file;
        this.tokens = new ScriptTokens(source);
    }

    /**
     * What is refused first, and where, as the end of a sentence about the file.
     *
     * @param file what the names in it begin with, such as {@code __torch__.models}
     * @param source the source, one character a byte
     */
    static Optional<String> firstRefusal(String file, String source) {
        ScriptSearch search = new ScriptSearch(file, source);
        for (int i = 0; i < search.tokens.size(); i++) {
            Optional<String> refusal = search.look(i);
            if (refusal.isPresent()) {
                return refusal.map(what -> search.where() + " " + what);
            }
        }
        return Optional.empty();
    }

    private Optional<String> look(int i) {
        Token token = tokens.get(i);
        if (token.kind() != Kind.NAME || tokens.get(i - 1).is(".")) {
            return Optional.empty();
        }
        return switch (token.text()) {
            case "class" -> enterClass(i);
            case "def" -> enterMethod(i);
            case OPERATORS -> isOther(i) ? Optional.empty() : lookAtOperator(OPERATORS, "aten", i + 1);
            case NAMESPACES -> isOther(i) ? Optional.empty() : lookAtNamespace(i);
            case TYPES -> isOther(i) ? Optional.empty() : lookAtType(i);
            default -> Optional.empty();
        };
    }

    private Optional<String> enterClass(int i) {
        type = tokens.get(i + 1).text();
        typeColumn = tokens.get(i).column();
        method = "";
        return Optional.empty();
    }

    private Optional<String> enterMethod(int i) {
        if (tokens.get(i).column() <= typeColumn) {
            type = "";
        }
        method = tokens.get(i + 1).text();
        return Optional.empty();
    }

    private String where() {
        String owner = type.isEmpty() ? file : file + "." + type;
        if (method.isEmpty()) {
            return owner;
        }
        return type.isEmpty() ? "function " + owner + "." + method : "method " + method + " of " + owner;
    }

    /** Whether the word only names something of the model's own here: an attribute that is declared, a variable, a parameter, a method. */
    private boolean isOther(int i) {
        return tokens.get(i + 1).is(":")
                || tokens.get(i + 1).is("=")
                || tokens.get(i - 1).is("def")
                || tokens.get(i - 1).is("import");
    }

    private Optional<String> lookAtNamespace(int i) {
        return isMember(i + 1) ? lookAtOperator(NAMESPACES, tokens.get(i + 2).text(), i + 3) : hidden(NAMESPACES);
    }

    private Optional<String> lookAtOperator(String word, String namespace, int i) {
        if (!isMember(i)) {
            return hidden(word);
        }
        String name = tokens.get(i + 1).text();
        return name.equals(PYTORCHS_OWN) ? lookAtOperator(word, "aten", i + 2) : called(namespace, name);
    }

    private static Optional<String> called(String namespace, String name) {
        return HarmlessOperators.refusal(namespace, name).map(why -> "calls " + namespace + "::" + name + ", " + why);
    }

    /** The name of a class or a function, unless it goes on to the classes written in C++, or stops before them. */
    private Optional<String> lookAtType(int i) {
        StringBuilder path = new StringBuilder();
        for (int at = i + 1; isMember(at); at += 2) {
            path.append('.').append(tokens.get(at + 1).text());
        }
        String name = path.toString();
        return name.isEmpty() || name.equals(".torch") || name.equals(".torch.classes")
                ? hidden(TYPES + name)
                : NativeClasses.refusal(name).map(why -> "uses " + TYPES + name + ", " + why);
    }

    private boolean isMember(int i) {
        return tokens.get(i).is(".") && tokens.get(i + 1).kind() == Kind.NAME;
    }

    private static Optional<String> hidden(String word) {
        return Optional.of("uses '" + word + "' in a way that cannot be looked through");
    }
}
