// The types of what goes in and comes out.
#pragma once

#include <ATen/core/jit_type.h>

#include "exported/words.h"

namespace cresset::exported {

//   0 Tensor  1 int  2 float  3 bool  4 str  5 None  6 Any   7 list of: type   8 tuple of: count type...   9 dict of texts to: type
//   10 that or None: type
c10::TypePtr read_type(Words& words);

}  // namespace cresset::exported
