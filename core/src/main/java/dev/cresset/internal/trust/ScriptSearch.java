package dev.cresset.internal.trust;

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
public final class ScriptSearch {

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
        if (search.tokens.isCut()) {
            return Optional.of(file + " has more words than the " + ScriptTokens.MOST + " that are looked through");
        }
        for (int i = 0; i < search.tokens.size(); i++) {
            Optional<String> refusal = search.tokens.isName(i) ? search.look(i) : Optional.empty();
            if (refusal.isPresent()) {
                return refusal.map(what -> search.where() + " " + what);
            }
        }
        return Optional.empty();
    }

    private Optional<String> look(int i) {
        if (tokens.is(i, "class")) {
            enterClass(i);
        } else if (tokens.is(i, "def")) {
            enterMethod(i);
        } else if (tokens.is(i, OPERATORS)) {
            return isOther(i) ? Optional.empty() : lookAtOperator(OPERATORS, "aten", i + 1);
        } else if (tokens.is(i, NAMESPACES)) {
            return isOther(i) ? Optional.empty() : lookAtNamespace(i);
        } else if (tokens.is(i, TYPES)) {
            return isOther(i) ? Optional.empty() : lookAtType(i);
        }
        return Optional.empty();
    }

    private void enterClass(int i) {
        type = tokens.text(i + 1);
        typeColumn = tokens.column(i);
        method = "";
    }

    private void enterMethod(int i) {
        if (tokens.column(i) <= typeColumn) {
            type = "";
        }
        method = tokens.text(i + 1);
    }

    private String where() {
        String owner = type.isEmpty() ? file : file + "." + type;
        if (method.isEmpty()) {
            return owner;
        }
        return type.isEmpty() ? "function " + owner + "." + method : "method " + method + " of " + owner;
    }

    /** Whether the word only names something of the model's own here: a member, a variable, a parameter, a method. */
    private boolean isOther(int i) {
        return tokens.is(i - 1, ".")
                || tokens.is(i + 1, ":")
                || tokens.is(i + 1, "=")
                || tokens.is(i - 1, "def")
                || tokens.is(i - 1, "import");
    }

    private Optional<String> lookAtNamespace(int i) {
        return isMember(i + 1) ? lookAtOperator(NAMESPACES, tokens.text(i + 2), i + 3) : hidden(NAMESPACES);
    }

    private Optional<String> lookAtOperator(String word, String namespace, int i) {
        int at = i;
        String found = namespace;
        while (isMember(at) && tokens.is(at + 1, PYTORCHS_OWN)) {
            at += 2;
            found = "aten";
        }
        return isMember(at) ? called(found, tokens.text(at + 1)) : hidden(word);
    }

    private static Optional<String> called(String namespace, String name) {
        return OperatorPolicy.refusal(namespace, name).map(why -> "calls " + namespace + "::" + name + ", " + why);
    }

    /** The name of a class or a function, unless it goes on to the classes written in C++, or stops before them. */
    private Optional<String> lookAtType(int i) {
        StringBuilder path = new StringBuilder();
        for (int at = i + 1; isMember(at); at += 2) {
            path.append('.').append(tokens.text(at + 1));
        }
        String name = path.toString();
        return name.isEmpty() || name.equals(".torch") || name.equals(".torch.classes")
                ? hidden(TYPES + name)
                : NativeClasses.refusal(name).map(why -> "uses " + TYPES + name + ", " + why);
    }

    private boolean isMember(int i) {
        return tokens.is(i, ".") && tokens.isName(i + 1);
    }

    private static Optional<String> hidden(String word) {
        return Optional.of("uses '" + word + "' in a way that cannot be looked through");
    }
}
