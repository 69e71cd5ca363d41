if exists("b:current_syntax")
  finish
endif

syntax case match
syntax keyword flowDeclaration contract source table sink flow param fn type pipeline test import
syntax keyword flowStep from where derive select drop rename unnest join union dedup window late group
syntax keyword flowStep emit state running top expect sample append merge overwrite route into
syntax keyword flowOperator and or not in is between like matches case when then else end if as on by within cast try_cast
syntax keyword flowConstant null true false
syntax keyword flowType bool int8 int16 int32 int64 float32 float64 decimal string bytes date timestamp duration enum list map struct
syntax match flowNumber "\<\d[0-9_]*\(\.\d\+\)\?\([eE][-+]\?\d\+\)\?\>"
syntax region flowString start=+"+ skip=+\\.+ end=+"+ oneline
syntax region flowRawString start=+\<r"+ end=+"+ oneline
syntax region flowName start=+`+ end=+`+ oneline
syntax match flowComment "--.*$"

highlight default link flowDeclaration Structure
highlight default link flowStep Statement
highlight default link flowOperator Operator
highlight default link flowConstant Constant
highlight default link flowType Type
highlight default link flowNumber Number
highlight default link flowString String
highlight default link flowRawString String
highlight default link flowName Identifier
highlight default link flowComment Comment

let b:current_syntax = "flow"
