/** Tests, as an application of LangChain4j would call it. */
@NullMarked
package dev.cresset.langchain4j;

import org.jspecify.annotations.NullMarked;
