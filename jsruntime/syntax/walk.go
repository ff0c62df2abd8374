package syntax

import (
	"github.com/dop251/goja/ast"
)

// A walker visits every node. It keeps its own stack, so that deep code costs
// heap and not the goroutine's stack.
type walker struct {
	code     string
	todo     []ast.Node
	findings []Finding

	shallow bool // do not enter functions
	awaits  bool // an await was seen
}

// maxFindings bounds what one script can make us keep.
const maxFindings = 50

func (w *walker) push(n ast.Node) { w.todo = append(w.todo, n) }

func (w *walker) expr(e ast.Expression) {
	if e != nil {
		w.todo = append(w.todo, e)
	}
}

func (w *walker) exprs(list []ast.Expression) {
	for i := len(list) - 1; i >= 0; i-- {
		w.expr(list[i])
	}
}

func (w *walker) stmt(s ast.Statement) {
	if s != nil {
		w.todo = append(w.todo, s)
	}
}

func (w *walker) stmts(list []ast.Statement) {
	for i := len(list) - 1; i >= 0; i-- {
		w.stmt(list[i])
	}
}

func (w *walker) block(b *ast.BlockStatement) {
	if b != nil {
		w.todo = append(w.todo, b)
	}
}

func (w *walker) bindings(list []*ast.Binding) {
	for i := len(list) - 1; i >= 0; i-- {
		w.expr(list[i].Initializer)
		w.expr(list[i].Target)
	}
}

func (w *walker) properties(list []ast.Property) {
	for i := len(list) - 1; i >= 0; i-- {
		w.expr(list[i])
	}
}

func (w *walker) parameters(p *ast.ParameterList) {
	if p != nil {
		w.expr(p.Rest)
		w.bindings(p.List)
	}
}

func (w *walker) run() {
	for len(w.todo) > 0 && len(w.findings) < maxFindings {
		n := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		switch n := n.(type) {
		case ast.Statement:
			w.statement(n)
		default:
			w.expression(n)
		}
	}
}

// statement pushes what a statement holds, last part first.
func (w *walker) statement(n ast.Statement) {
	switch n := n.(type) {
	case *ast.BlockStatement:
		w.stmts(n.List)
	case *ast.CaseStatement:
		w.stmts(n.Consequent)
		w.expr(n.Test)
	case *ast.CatchStatement:
		w.block(n.Body)
		w.expr(n.Parameter)
	case *ast.DoWhileStatement:
		w.expr(n.Test)
		w.stmt(n.Body)
	case *ast.ExpressionStatement:
		w.expr(n.Expression)
	case *ast.ForInStatement:
		w.stmt(n.Body)
		w.expr(n.Source)
		w.into(n.Into)
	case *ast.ForOfStatement:
		w.stmt(n.Body)
		w.expr(n.Source)
		w.into(n.Into)
	case *ast.ForStatement:
		w.stmt(n.Body)
		w.expr(n.Update)
		w.expr(n.Test)
		switch i := n.Initializer.(type) {
		case *ast.ForLoopInitializerExpression:
			w.expr(i.Expression)
		case *ast.ForLoopInitializerVarDeclList:
			w.bindings(i.List)
		case *ast.ForLoopInitializerLexicalDecl:
			w.bindings(i.LexicalDeclaration.List)
		}
	case *ast.IfStatement:
		w.stmt(n.Alternate)
		w.stmt(n.Consequent)
		w.expr(n.Test)
	case *ast.LabelledStatement:
		w.stmt(n.Statement)
	case *ast.ReturnStatement:
		w.expr(n.Argument)
	case *ast.SwitchStatement:
		for i := len(n.Body) - 1; i >= 0; i-- {
			w.stmt(n.Body[i])
		}
		w.expr(n.Discriminant)
	case *ast.ThrowStatement:
		w.expr(n.Argument)
	case *ast.TryStatement:
		w.block(n.Finally)
		if n.Catch != nil {
			w.stmt(n.Catch)
		}
		w.block(n.Body)
	case *ast.VariableStatement:
		w.bindings(n.List)
	case *ast.LexicalDeclaration:
		w.bindings(n.List)
	case *ast.WhileStatement:
		w.stmt(n.Body)
		w.expr(n.Test)
	case *ast.WithStatement:
		w.stmt(n.Body)
		w.expr(n.Object)
	case *ast.FunctionDeclaration:
		w.push(n.Function)
	case *ast.ClassDeclaration:
		w.push(n.Class)
	}
}

func (w *walker) into(n ast.ForInto) {
	switch n := n.(type) {
	case *ast.ForIntoVar:
		w.bindings([]*ast.Binding{n.Binding})
	case *ast.ForDeclaration:
		w.expr(n.Target)
	case *ast.ForIntoExpression:
		w.expr(n.Expression)
	}
}

// expression looks at an expression and pushes what it holds, last part first.
func (w *walker) expression(n ast.Node) {
	switch n := n.(type) {
	case *ast.RegExpLiteral:
		w.regExp(n.Idx, n.Pattern, n.Flags, true)
	case *ast.NewExpression:
		w.constructed(n.Idx0(), n.Callee, n.ArgumentList)
		w.exprs(n.ArgumentList)
		w.expr(n.Callee)
	case *ast.CallExpression:
		w.constructed(n.Idx0(), n.Callee, n.ArgumentList)
		w.exprs(n.ArgumentList)
		w.expr(n.Callee)
	case *ast.AwaitExpression:
		w.awaits = true
		w.expr(n.Argument)
	case *ast.YieldExpression:
		w.expr(n.Argument)
	case *ast.ArrayLiteral:
		w.exprs(n.Value)
	case *ast.ArrayPattern:
		w.expr(n.Rest)
		w.exprs(n.Elements)
	case *ast.AssignExpression:
		w.expr(n.Right)
		w.expr(n.Left)
	case *ast.BinaryExpression:
		w.expr(n.Right)
		w.expr(n.Left)
	case *ast.BracketExpression:
		w.expr(n.Member)
		w.expr(n.Left)
	case *ast.ConditionalExpression:
		w.expr(n.Alternate)
		w.expr(n.Consequent)
		w.expr(n.Test)
	case *ast.DotExpression:
		w.expr(n.Left)
	case *ast.PrivateDotExpression:
		w.expr(n.Left)
	case *ast.OptionalChain:
		w.expr(n.Expression)
	case *ast.Optional:
		w.expr(n.Expression)
	case *ast.SpreadElement:
		w.expr(n.Expression)
	case *ast.ExpressionBody:
		w.expr(n.Expression)
	case *ast.UnaryExpression:
		w.expr(n.Operand)
	case *ast.SequenceExpression:
		w.exprs(n.Sequence)
	case *ast.TemplateLiteral:
		w.exprs(n.Expressions)
		w.expr(n.Tag)
	case *ast.ObjectLiteral:
		w.properties(n.Value)
	case *ast.ObjectPattern:
		w.expr(n.Rest)
		w.properties(n.Properties)
	case *ast.PropertyShort:
		w.expr(n.Initializer)
	case *ast.PropertyKeyed:
		w.expr(n.Value)
		w.expr(n.Key)
	case *ast.Binding:
		w.expr(n.Initializer)
		w.expr(n.Target)
	case *ast.FunctionLiteral:
		if !w.shallow {
			w.block(n.Body)
			w.parameters(n.ParameterList)
		}
	case *ast.ArrowFunctionLiteral:
		if !w.shallow {
			if n.Body != nil {
				w.push(n.Body)
			}
			w.parameters(n.ParameterList)
		}
	case *ast.ClassLiteral:
		w.class(n)
	}
}

// class enters a class. Its computed keys and its superclass run where the
// class stands; what is in its members does not.
func (w *walker) class(n *ast.ClassLiteral) {
	for i := len(n.Body) - 1; i >= 0; i-- {
		switch m := n.Body[i].(type) {
		case *ast.FieldDefinition:
			if !w.shallow {
				w.expr(m.Initializer)
			}
			w.expr(m.Key)
		case *ast.MethodDefinition:
			if m.Body != nil {
				w.push(m.Body)
			}
			w.expr(m.Key)
		case *ast.ClassStaticBlock:
			if !w.shallow {
				w.block(m.Block)
			}
		}
	}
	w.expr(n.SuperClass)
}

// constructed looks at new RegExp("…", "…") and RegExp("…", "…") whose
// arguments are written out.
func (w *walker) constructed(at fileIdx, callee ast.Expression, args []ast.Expression) {
	id, ok := callee.(*ast.Identifier)
	if !ok || id.Name.String() != "RegExp" || len(args) == 0 || len(args) > 2 {
		return
	}
	pattern, ok := constant(args[0])
	if !ok {
		return
	}
	flags := ""
	if len(args) == 2 {
		if flags, ok = constant(args[1]); !ok {
			return
		}
	}
	w.regExp(at, pattern, flags, false)
}

// constant is the text of a string that is written out.
func constant(e ast.Expression) (string, bool) {
	switch e := e.(type) {
	case *ast.StringLiteral:
		return e.Value.String(), true
	case *ast.TemplateLiteral:
		if e.Tag == nil && len(e.Elements) == 1 && len(e.Expressions) == 0 {
			return e.Elements[0].Parsed.String(), true
		}
	}
	return "", false
}
