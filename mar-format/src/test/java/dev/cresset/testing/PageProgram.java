package dev.cresset.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** A program on a page of the documents, compiled and run as it stands there. */
public final class PageProgram {

    private PageProgram() {}

    /** What the program of this name on a page of {@code docs} prints. */
    public static String run(String page, String name, Path classes, String... arguments) throws Exception {
        compile(source(page, name), name, classes);
        PrintStream out = System.out;
        Thread thread = Thread.currentThread();
        ClassLoader loader = thread.getContextClassLoader();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        URL[] urls = {classes.toUri().toURL()};
        try (URLClassLoader own = new URLClassLoader(urls, PageProgram.class.getClassLoader());
                PrintStream in = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            System.setOut(in);
            thread.setContextClassLoader(own);
            own.loadClass("example." + name).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } finally {
            System.setOut(out);
            thread.setContextClassLoader(loader);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static String source(String page, String name) throws IOException {
        Path docs = Path.of(System.getProperty("cresset.fixtures")).resolveSibling("docs");
        Matcher snippets =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(docs.resolve(page)));
        while (snippets.find()) {
            String snippet = snippets.group(1);
            if (snippet.startsWith("package ") && snippet.contains("class " + name + " ")) {
                return snippet;
            }
        }
        throw new AssertionError(page + " has no program " + name);
    }

    private static void compile(String text, String name, Path classes) {
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("memory:/" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                };
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, found, options, null, List.of(source))
                .call();
        assertThat(found.getDiagnostics())
                .filteredOn(one -> one.getKind() == Diagnostic.Kind.ERROR)
                .isEmpty();
    }
}
