/**
 * The command {@code mar}: shows, checks, packs and unpacks archives. Not exported: a program calls
 * {@link dev.cresset.mar.ModelArchive} and {@link dev.cresset.mar.ModelArchiveWriter}, as the commands here do.
 *
 * <p>Each command is a class that picocli fills with what was typed. Standard output has results, standard error all else. A
 * failure is one sentence, and never a stack trace. Text that comes from an archive goes through
 * {@link dev.cresset.mar.cli.Plain} before a person sees it: it could drive their terminal.
 */
@NullMarked
package dev.cresset.mar.cli;

import org.jspecify.annotations.NullMarked;
