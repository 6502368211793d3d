; SPDX-License-Identifier: MIT
%include "tests/programs/fpu/state.asm"
